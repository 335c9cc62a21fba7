"""issuer.py: a small issuer of OpenID Connect for the tests, with keys of its own, that can be made to do wrong."""
import base64
import hashlib
import json
import subprocess
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CLIENT, SECRET = "patron", "s3cret:with/odd chars"


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def openssl(*words, data=None):
    return subprocess.run(["openssl", *words], input=data, capture_output=True, check=True).stdout


class Key:
    """An RSA or P-256 key: its public half as a JWK, and signatures as tokens carry them."""

    def __init__(self, folder, name, kind):
        self.kind, self.name, self.path = kind, name, f"{folder}/{name}.pem"
        words = ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"] if kind == "RS256" else [
            "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]
        openssl("genpkey", *words, "-out", self.path)

    def public(self):
        if self.kind == "RS256":
            modulus = openssl("rsa", "-in", self.path, "-modulus", "-noout").decode().strip().split("=")[1]
            return {"kty": "RSA", "kid": self.name, "use": "sig", "n": b64(bytes.fromhex(modulus)), "e": "AQAB"}
        point = openssl("pkey", "-in", self.path, "-pubout", "-outform", "DER")[-64:]
        return {"kty": "EC", "kid": self.name, "crv": "P-256", "x": b64(point[:32]), "y": b64(point[32:])}

    def sign(self, content):
        signature = openssl("dgst", "-sha256", "-sign", self.path, data=content)
        if self.kind == "RS256":
            return signature
        numbers, at = b"", 4 if signature[1] < 0x80 else 5
        for _ in range(2):
            size = signature[at - 1]
            numbers += signature[at:at + size].lstrip(b"\0").rjust(32, b"\0")
            at += size + 2
        return numbers


class Issuer:
    """Runs on a port of 127.0.0.1. `spoil(header, claims)` may change a token before it is signed."""

    def __init__(self, folder):
        self.rsa, self.curve = Key(folder, "rsa", "RS256"), Key(folder, "curve", "ES256")
        self.key, self.sign_with, self.spoil, self.claims = self.rsa, None, None, {}
        self.codes, self.redeemed = {}, []
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_GET(self):
                issuer.answer(self, issuer.documents().get(self.path))

            def do_POST(self):
                form = urllib.parse.parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                issuer.answer(self, issuer.redeem({name: one[0] for name, one in form.items()}, self.headers))

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    @staticmethod
    def answer(handler, reply):
        body = json.dumps(reply).encode()
        handler.send_response(200 if reply is not None else 400)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def documents(self):
        return {"/.well-known/openid-configuration": {
            "issuer": self.url, "authorization_endpoint": self.url + "/authorize", "token_endpoint": self.url + "/token",
            "jwks_uri": self.url + "/keys", "end_session_endpoint": self.url + "/logout"},
            "/keys": {"keys": [self.rsa.public(), self.curve.public()]}}

    def authorise(self, address):
        """What the browser would do at `address`: signs in, and returns the parameters to come back with."""
        asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(address).query))
        assert asked["response_type"] == "code" and asked["client_id"] == CLIENT and asked["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return {"code": code, "state": asked["state"], "iss": self.url, "session_state": "x"}

    def redeem(self, form, headers):
        asked = self.codes.pop(form.get("code"), None)
        who = base64.b64decode(headers.get("Authorization", "Basic ").split()[-1]).decode()
        password = urllib.parse.unquote(who.partition(":")[2])
        if asked is None or form["redirect_uri"] != asked["redirect_uri"] or password != SECRET:
            return None
        if b64(hashlib.sha256(form["code_verifier"].encode()).digest()) != asked["code_challenge"]:
            return None
        self.redeemed.append(form)
        now = int(time.time())
        header = {"alg": self.key.kind, "kid": self.key.name, "typ": "JWT"}
        claims = {"iss": self.url, "aud": CLIENT, "exp": now + 300, "iat": now, "nonce": asked["nonce"], **self.claims}
        if self.spoil:
            self.spoil(header, claims)
        content = f"{b64(json.dumps(header).encode())}.{b64(json.dumps(claims).encode())}"
        signature = b"" if header["alg"] == "none" else (self.sign_with or self.key).sign(content.encode())
        return {"access_token": "a", "token_type": "Bearer", "id_token": f"{content}.{b64(signature)}"}
