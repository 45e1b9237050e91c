"""One module a page, and what all pages have in common."""
