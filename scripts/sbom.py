#!/usr/bin/env python3
"""Writes a bill of materials in CycloneDX 1.5 (JSON) of the binary: every crate that is built into it on Linux, with its
version, licence, checksum and what it uses. From `cargo metadata` and Cargo.lock alone; asks nobody over the network."""
import json
import re
import subprocess
import sys
import tomllib


def main() -> None:
    command = ["cargo", "metadata", "--locked", "--offline", "--format-version", "1", "--filter-platform"]
    metadata = json.loads(subprocess.run([*command, "x86_64-unknown-linux-gnu"], check=True, capture_output=True).stdout)
    with open("Cargo.lock", "rb") as lock:
        locked = {(p["name"], p["version"]): p.get("checksum") for p in tomllib.load(lock)["package"]}
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    root = next(package for package in metadata["packages"] if package["name"] == "scrubjay")

    def built_in(node: dict) -> list[str]:
        """What a crate is built with, tests and build scripts aside."""
        return [dep["pkg"] for dep in node["deps"] if any(kind["kind"] is None for kind in dep["dep_kinds"])]

    reached, left = {root["id"]}, [root["id"]]
    while left:
        for used in built_in(nodes[left.pop()]):
            if used not in reached:
                reached.add(used)
                left.append(used)

    def reference(package: dict) -> str:
        return f"pkg:cargo/{package['name']}@{package['version']}"

    def component(package: dict, kind: str) -> dict:
        checksum = locked.get((package["name"], package["version"]))
        entry = {
            "type": kind,
            "bom-ref": reference(package),
            "name": package["name"],
            "version": package["version"],
            "purl": reference(package),
        }
        if package.get("license"):
            # `MIT/Apache-2.0` is how it was written before there were expressions.
            entry["licenses"] = [{"expression": re.sub(r"\s*/\s*", " OR ", package["license"])}]
        if checksum:
            entry["hashes"] = [{"alg": "SHA-256", "content": checksum}]
        if package.get("repository"):
            entry["externalReferences"] = [{"type": "vcs", "url": package["repository"]}]
        return entry

    inside = sorted((packages[id] for id in reached), key=lambda package: (package["name"], package["version"]))
    bom = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": component(root, "application")},
        "components": [component(package, "library") for package in inside if package["id"] != root["id"]],
        "dependencies": [
            {
                "ref": reference(package),
                "dependsOn": sorted(reference(packages[used]) for used in built_in(nodes[package["id"]])),
            }
            for package in inside
        ],
    }
    json.dump(bom, sys.stdout, indent=1)
    sys.stdout.write("\n")


main()
