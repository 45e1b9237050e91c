"""Tables of the page, the pages of a long one, and links to what it shows as files."""
