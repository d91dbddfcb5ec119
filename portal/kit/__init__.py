"""What every room stands on: settings, database, clock, events, outbox, permissions, web, language, mail."""
