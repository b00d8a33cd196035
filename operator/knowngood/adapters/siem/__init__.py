"""SIEMs: standard output, Splunk's HTTP Event Collector, and syslog over TLS."""
