"""Write a lecture: its steps and their fields in the browser, tried on the stage, saved as TOML or as a link."""
