"""Where untrusted files are opened: processes that can do little else, and what crosses to and from them."""
