"""The class in a lecture: rooms, votes and events, their stores, routes and the phone's page. No streamlit."""
