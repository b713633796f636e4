// Passwords on the command line and in the environment can be read by others: `ps` shows the one to
// everybody, `ps e` the other to the same user. Once they have been read, they are overwritten
// where the kernel shows them from.
#pragma once

namespace stoker::load {

/// Overwrites the values of --password and --ssl-password in `argv` and of KAFKA_PASSWORD and
/// KAFKA_SSL_PASSWORD in the process's environment. To be called once nobody needs them any more,
/// before any thread is started.
void hide_secrets(int argc, char** argv);

}  // namespace stoker::load
