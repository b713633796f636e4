# What `stoker NAME` runs beside the broker: replies, schedules, lag for Prometheus.
program(stoker-request request_main.cpp PRIVATE exchange)
program(stoker-respond respond_main.cpp PRIVATE exchange)
program(stoker-schedule schedule_main.cpp PRIVATE schedule)
program(stoker-exporter exporter_main.cpp PRIVATE exporter)
