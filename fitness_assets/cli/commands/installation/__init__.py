"""Commands of the checkout: jars, first set-up, the written parts of the documents."""
