"""Records of the commonest forms, many at a time; each is judged as the judge of single records would."""
