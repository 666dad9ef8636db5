import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A private authority, and a certificate of it for 127.0.0.1 with its key: paths of PEM files. */
export interface Certificates {
  readonly caFile: string;
  readonly ca: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** Makes them in `dir`, good for a day. */
export function makeCertificates(dir: string): Certificates {
  const at = (name: string) => join(dir, name);
  const openssl = (...args: string[]) => execFileSync("openssl", args, { stdio: "pipe" });
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  openssl("req", "-x509", ...newKey, "-days", "1", "-subj", "/CN=tests", "-keyout", at("ca.key"), "-out", at("ca.pem"));
  openssl("req", ...newKey, "-subj", "/CN=redis", "-keyout", at("redis.key"), "-out", at("redis.csr"));
  writeFileSync(at("names"), "subjectAltName=IP:127.0.0.1,DNS:localhost\n");
  const signed = ["-CA", at("ca.pem"), "-CAkey", at("ca.key"), "-CAcreateserial", "-extfile", at("names"), "-days", "1"];
  openssl("x509", "-req", "-in", at("redis.csr"), ...signed, "-out", at("redis.pem"));
  return { caFile: at("ca.pem"), ca: readFileSync(at("ca.pem"), "utf8"), certFile: at("redis.pem"), keyFile: at("redis.key") };
}
