"""Glossary: every term in a sentence, with its formula, where it is shown and who named it."""
