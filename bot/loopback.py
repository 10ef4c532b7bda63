"""Which hosts are this machine and reach nobody else."""

import ipaddress


def is_loopback(host: str) -> bool:
    """A name or an address, without a port and without brackets."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
