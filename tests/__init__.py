"""The same folders as lsviz/, with the tests of each; budgets, load, fuzzing and browser journeys beside them."""
