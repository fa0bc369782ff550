"""What the pages share on screen: texts, controls, plots that keep their DOM, figure feet."""
