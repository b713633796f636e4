"""A broker whose one listener has TLS, SASL or both, and how librdkafka reaches it."""
import subprocess

import stoker

USER, PASSWORD = "suite", "suite-password"
MECHANISMS = {"sasl_plaintext": "SCRAM-SHA-256", "sasl_ssl": "SCRAM-SHA-512"}
SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule"
# Sessions that end while a test runs: each client authenticates again, and no test may notice.
SESSION_MS = 20_000


def make_certificates(folder):
    """What `stoker tls init` makes, and from it the forms that librdkafka's 0097_ssl_verify wants, by their variables."""
    folder.mkdir(exist_ok=True)
    stoker.run(stoker.BIN / "stoker", "tls", "init", folder / "tls")
    client, ca = folder / "tls/client.pem", folder / "tls/ca.pem"
    forms = {"SSL_pkcs": folder / "client.p12", "SSL_pub_der": folder / "client.der", "SSL_priv_der": folder / "key.der",
             "SSL_ca_der": folder / "ca.der"}
    stoker.run("openssl", "pkcs12", "-export", "-in", client, "-certfile", ca, "-passout", f"pass:{PASSWORD}", "-out",
               forms["SSL_pkcs"])
    stoker.run("openssl", "x509", "-in", client, "-outform", "DER", "-out", forms["SSL_pub_der"])
    stoker.run("openssl", "x509", "-in", ca, "-outform", "DER", "-out", forms["SSL_ca_der"])
    stoker.run("openssl", "pkey", "-in", client, "-outform", "DER", "-out", forms["SSL_priv_der"])
    forms |= {"SSL_pub_pem": client, "SSL_priv_pem": client, "SSL_all_cas_pem": ca, "SSL_password": PASSWORD}
    return {name: str(path) for name, path in forms.items()}


class Broker(stoker.Broker):
    """With one listener of `protocol`: ssl, sasl_plaintext or sasl_ssl. The certificates are those of `folder`."""

    def __init__(self, protocol, folder, *settings):
        self.protocol, self.tls = protocol, folder / "tls"
        own = []
        if "ssl" in protocol:
            own += ["ssl.keystore.type=PEM", f"ssl.keystore.location={self.tls / 'server.pem'}",
                    "ssl.truststore.type=PEM", f"ssl.truststore.location={self.tls / 'ca.pem'}"]
        if protocol == "ssl":
            # TLS 1.3's own answer to a missing certificate, alert 116, is not among those that 0097 takes from a broker.
            own += ["ssl.client.auth=required", "ssl.enabled.protocols=TLSv1.2"]
        if mechanism := MECHANISMS.get(protocol):
            jaas = f"listener.name.{protocol}.{mechanism.lower()}.sasl.jaas.config"
            own += [f"sasl.enabled.mechanisms={mechanism}", f"connections.max.reauth.ms={SESSION_MS}",
                    f'{jaas}={SCRAM} required user_{USER}="{PASSWORD}";']
        super().__init__(*own, *settings)

    def spawn(self, port):
        command = [stoker.BIN / "stoker", "broker", "--override", f"listeners={self.protocol.upper()}://127.0.0.1:{port}",
                   "--override", f"log.dirs={self.folder}"]
        for override in self.overrides:
            command += ["--override", override]
        with open(self.log_path, "ab") as log:
            return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)

    def ready_address(self):
        return self.protocol.upper() + r"://127\.0\.0\.1:(\d+)"

    def properties(self):
        """librdkafka's, but for the address."""
        found = {"security.protocol": self.protocol}
        if "ssl" in self.protocol:
            found["ssl.ca.location"] = self.tls / "ca.pem"
        if self.protocol == "ssl":
            found |= {"ssl.certificate.location": self.tls / "client.pem", "ssl.key.location": self.tls / "client.pem",
                      "ssl.key.password": PASSWORD}
        if mechanism := MECHANISMS.get(self.protocol):
            found |= {"sasl.mechanism": mechanism, "sasl.username": USER, "sasl.password": PASSWORD}
        return found
