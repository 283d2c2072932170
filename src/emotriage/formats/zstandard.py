"""Zstandard (RFC 8878) through the package `zstandard`, which need not be there, in bounded steps."""

from emotriage.model.errors import Unsupported

WINDOW = 64 << 20
"""Largest window of a frame: more than `zstd -19` asks for."""

_SIP = 128
"""Bytes that are fed at once: a block of three bytes may stand for 128 KiB."""


SKIPPED = b"\x2a\x4d\x18"
"""Second to fourth byte of a frame that holds no content; its size follows."""

_FRAME = b"\x28\xb5\x2f\xfd"


class Zstandard:
    """Frames, behind the interface of the standard library's decompressors.

    Attributes:
        unused_data: what stood behind the end of the last frame.
        between: a frame has ended, and what follows it is not known yet.
    """

    def __init__(self, *, joined: bool = False) -> None:
        """A decoder at the beginning of a frame; `joined` goes on with all frames behind it, and skips what they skip.

        Raises:
            Unsupported: the package is not installed.
        """
        try:
            import zstandard
        except ImportError as error:
            raise Unsupported("Zstandard needs the package zstandard, which is not installed") from error
        self._decoder = zstandard.ZstdDecompressor(max_window_size=WINDOW)
        self._damage = zstandard.ZstdError
        self._stream = self._decoder.decompressobj()
        self._joined = self.between = joined
        self._feed = self._out = self.unused_data = b""
        self._skip = 0
        self._ended = False

    @property
    def eof(self) -> bool:
        """The last frame has ended, and all of it was handed out."""
        return self._ended and not self._out

    @property
    def needs_input(self) -> bool:
        """Nothing more comes out before something goes in."""
        return not self._out and (not self._feed or self._waiting())

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        """What comes out, at most so many bytes.

        Raises:
            ValueError: a frame is damaged, or its window is beyond the limit.
        """
        self._feed += data
        at = 0
        while not self._out and not self._ended and at < len(self._feed):
            if self.between:
                self._feed, at = self._feed[at:], 0
                if self._waiting():
                    break
                self._begin()
                continue
            self._out = self._decompressed(self._feed[at : at + _SIP])
            at += _SIP
            if self._stream.eof:
                self._feed, at = self._stream.unused_data + self._feed[at:], 0
                self.between, self._ended = self._joined, not self._joined
        self._feed = self._feed[at:]
        chunk = self._out if max_length < 0 else self._out[:max_length]
        self._out = self._out[len(chunk) :]
        if self._ended:
            self.unused_data = self._feed
        return chunk

    def _waiting(self) -> bool:
        """Between two frames, is there too little to tell what follows?"""
        return self.between and not self._skip and len(self._feed) < 8 and self._feed[:4] != _FRAME

    def _begin(self) -> None:
        """Go on with what stands between or behind the frames."""
        if self._skip:
            skipped = min(self._skip, len(self._feed))
            self._skip -= skipped
            self._feed = self._feed[skipped:]
        elif self._feed[:4] == _FRAME:
            self._stream = self._decoder.decompressobj()
            self.between = False
        elif self._feed[1:4] == SKIPPED and self._feed[0] & 0xF0 == 0x50:
            self._skip = 8 + int.from_bytes(self._feed[4:8], "little")
        else:
            self._ended = True

    def _decompressed(self, piece: bytes) -> bytes:
        try:
            return self._stream.decompress(piece)
        except self._damage as error:
            large = "memory" in str(error)
            raise ValueError("window beyond the limit" if large else "damaged frame") from error
