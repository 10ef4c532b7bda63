"""The command line's groups of commands, one small file each."""
