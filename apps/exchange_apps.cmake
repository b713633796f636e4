# What `stoker NAME` runs beside the broker: replies, schedules, lag for Prometheus. One file with a link for each of them.
program(client-programs client_programs_main.cpp PRIVATE exchange schedule exporter)
foreach(name request respond schedule exporter)
  set(link_folders $<TARGET_FILE_DIR:client-programs>)
  if(PROJECT_BINARY_DIR STREQUAL "${PROJECT_SOURCE_DIR}/build/release")
    list(APPEND link_folders ${PROJECT_SOURCE_DIR}/libexec/stoker)
  endif()
  foreach(folder ${link_folders})
    add_custom_command(TARGET client-programs POST_BUILD
      COMMAND ${CMAKE_COMMAND} -E create_symlink client-programs ${folder}/stoker-${name})
  endforeach()
endforeach()
