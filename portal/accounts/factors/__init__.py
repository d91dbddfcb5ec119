"""What people sign in with beside a password: passkeys, an authenticator app, recovery codes, codes by mail."""
