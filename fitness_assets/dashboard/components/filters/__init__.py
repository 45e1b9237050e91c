"""Filters. Each writes its value into the page's URL; the page is then drawn from the URL alone."""
