# What `stoker NAME` runs beside the broker: replies and schedules.
program(stoker-request request_main.cpp PRIVATE exchange)
program(stoker-respond respond_main.cpp PRIVATE exchange)
program(stoker-schedule schedule_main.cpp PRIVATE schedule)
