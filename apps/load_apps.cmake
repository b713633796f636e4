# The load testers and the demonstration that `make run` shows.
program(producer-bomber producer_bomber_main.cpp load)
program(consumer-bomber consumer_bomber_main.cpp load)
program(stoker-demo demo_main.cpp PRIVATE load)
