"""What compound files of OLE keep beside the documents: applications, packages, property sets, protection."""
