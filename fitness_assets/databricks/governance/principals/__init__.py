"""Groups, people and service principals: who there is, what each is entitled to, and how they are made."""
