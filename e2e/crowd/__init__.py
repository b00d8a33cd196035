"""Many models whose counters one small process publishes: nobody calls them, and the operator counts what it reads."""
