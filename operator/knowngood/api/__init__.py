"""The resources that users write and read, and the schemas that the API server checks them by.

Pure.
"""
