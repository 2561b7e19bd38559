"""Receives Doorstep's webhooks with the reference library of Standard Webhooks, and prints its port first."""

import http.server
import os

from standardwebhooks import Webhook, WebhookVerificationError

webhook = Webhook(os.environ["DOORSTEP_ALERT_SECRET"])


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            alert = webhook.verify(body, headers)
            assert alert["data"]["title"], alert
            self.send_response(204)
        except WebhookVerificationError:
            self.send_response(401)
        self.end_headers()

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
print(server.server_address[1], flush=True)
server.serve_forever()
