# kafka-tools, and in bin/ a link to it for every tool under upstream's name, with and without ".sh".
program(kafka-tools kafka_tools_main.cpp STATIC_RUNTIME cli)
if(PROJECT_BINARY_DIR STREQUAL "${PROJECT_SOURCE_DIR}/build/release")
  add_custom_command(TARGET kafka-tools POST_BUILD
    COMMAND $<TARGET_FILE:kafka-tools> --install ${PROJECT_SOURCE_DIR}/bin)
endif()
