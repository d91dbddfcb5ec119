"""Companies, people, staff, roles, sign-in, sessions."""
