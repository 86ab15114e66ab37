"""One Django app in layers, each sorted into features; imports point down only (docs/architecture.md)."""
