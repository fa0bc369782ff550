"""What the Lab trains for the pages' live evidence, one question a module."""
