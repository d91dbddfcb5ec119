"""The long proofs: processes that are really killed, races of real processes, a state machine, and mutants that
they must catch. `make prove-quick` runs them; see docs/reliability.md."""
