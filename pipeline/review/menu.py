"""The menu: address, words, and the least role that sees the entry. A new page adds its line here."""

MENU = (
    ("/", "Queue", "reader"),
    ("/?second=asked&decision=any&show=all", "Second opinions", "analyst"),
    ("/?second=disputed&decision=any&show=all", "Disputes", "analyst"),
    ("/dashboard", "Dashboard", "reader"),
    ("/explore/", "Explore", "reader"),
    ("/export", "Export", "analyst"),
    ("/agreement", "Agreement", "reader"),
    ("/me", "My record", "analyst"),
    ("/requests", "Requests", "analyst"),
    ("/candidates", "New names", "analyst"),
    ("/audit", "Audit", "admin"),
)
