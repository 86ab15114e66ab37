"""What goes over the wire: the answers, and the checks of a request."""
