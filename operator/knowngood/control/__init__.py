"""One pass: observe, judge, decide, act, report. Asynchronous, and without clients: it speaks to ports."""
