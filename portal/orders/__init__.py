"""The renewal order, from placed to paid."""
