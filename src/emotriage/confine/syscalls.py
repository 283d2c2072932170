"""System calls by name, as numbers of x86-64 and of 64-bit ARM (Linux, arch/x86/entry/syscalls and asm-generic)."""

ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
"""By `os.uname().machine`: the kernel's AUDIT_ARCH value, and the column of `NUMBERS`."""

_TABLE = """
read 0 63               write 1 64              readv 19 65             writev 20 66            pread64 17 67
pwrite64 18 68          preadv 295 69           pwritev 296 70          close 3 57              close_range 436 436
lseek 8 62              fstat 5 80              newfstatat 262 79       stat 4 -                lstat 6 -
statx 332 291           ftruncate 77 46         fadvise64 221 223       access 21 -             faccessat 269 48
faccessat2 439 439      readlink 89 -           readlinkat 267 78       getdents64 217 61       getcwd 79 17
dup 32 23               dup2 33 -               dup3 292 24             poll 7 -                ppoll 271 73
select 23 -             pselect6 270 72         fsync 74 82             fdatasync 75 83         recvmsg 47 212
recvfrom 45 207         sendmsg 46 211          sendto 44 206           munmap 11 215           mremap 25 216
madvise 28 233          brk 12 214              msync 26 227            mincore 27 232          membarrier 324 283
rt_sigaction 13 134     rt_sigprocmask 14 135   rt_sigreturn 15 139     rt_sigpending 127 136   rt_sigtimedwait 128 137
sigaltstack 131 132     pause 34 -              restart_syscall 219 128 futex 202 98            set_robust_list 273 99
get_robust_list 274 100 rseq 334 293            set_tid_address 218 96  sched_yield 24 124      getcpu 309 168
clock_gettime 228 113   clock_getres 229 114    clock_nanosleep 230 115 nanosleep 35 101        gettimeofday 96 169
time 201 -              getrandom 318 278       getpid 39 172           gettid 186 178          getppid 110 173
getuid 102 174          geteuid 107 175         getgid 104 176          getegid 108 177         getrusage 98 165
times 100 153           uname 63 160            sysinfo 99 179
sched_getaffinity 204 123 arch_prctl 158 -      exit 60 93              exit_group 231 94
open 2 -                openat 257 56           clone 56 220            clone3 435 435          fcntl 72 25
ioctl 16 29             kill 62 129             tgkill 234 131          prlimit64 302 261
mmap 9 222              mprotect 10 226         unlink 87 -             unlinkat 263 35
"""


def _numbers() -> dict[str, tuple[int | None, int | None]]:
    words = iter(_TABLE.split())
    return {name: (_number(next(words)), _number(next(words))) for name in words}


def _number(word: str) -> int | None:
    return None if word == "-" else int(word)


NUMBERS = _numbers()
"""Numbers of each call in both architectures; None where it has no such call."""

ASKED = frozenset(
    {"open", "openat", "clone", "clone3", "fcntl", "ioctl", "kill", "tgkill", "prlimit64", "mmap", "mprotect"}
)
"""Calls that are allowed or not by their arguments."""
NAMED_FILES_ONLY = frozenset({"unlink", "unlinkat"})
"""Calls that are needed only where temporary files must have names for a moment."""
PLAIN = tuple(name for name in NUMBERS if name not in ASKED | NAMED_FILES_ONLY)
"""Calls that are always allowed: they read, compute, and speak through descriptors that are there already."""
