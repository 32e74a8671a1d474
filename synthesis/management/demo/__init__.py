"""The worked review: loaded from the files of facts, entirely through the services that people use."""
