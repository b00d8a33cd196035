"""What people are told of an incident, who of them, and when: from the incident and what they were told before."""
