"""Every word on screen: one catalogue a language, a section a page, and their reader."""
