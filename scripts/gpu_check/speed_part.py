"""Part speed: `seedvar bench` and the peers in turn, round by round."""

import statistics

from peer_process import PEERS, Peer, PeerGone
from session import OutOfTime, say


OPENING_SHARE = 0.3


def spread(values):
    return {"median": statistics.median(values), "min": min(values), "max": max(values), "rounds": values} if values else None


def measure_speed(session, findings):
    """Medians and spread of seeds a second; the factor is taken within a round. The first round is ours alone, so that there
    is a number however long the peers take to start."""
    jobs = session.sizes["jobs"].split(",")
    ours = {job: {"seeds_per_s": [], "share_of_peak": [], "seeds": None} for job in jobs}
    peers, theirs, peaks = [], {}, []
    try:
        measure_ours(session, ours, peaks)
        start_peers(session, findings, peers)
        for _ in range(session.sizes["rounds"] - 1):
            measure_ours(session, ours, peaks)
            for peer in peers:
                measure_peer(peer, jobs, ours, theirs.setdefault(peer.name, {}), findings)
    except OutOfTime as late:
        findings.missing.append(f"{len(peaks)} of {session.sizes['rounds']} rounds: no time was left for {late}")
    finally:
        for peer in peers:
            peer.close()
        report(findings, ours, peers, theirs, peaks)


def start_peers(session, findings, peers):
    """Those that this Python has. Each may take OPENING_SHARE of what is left until it has chosen its forms."""
    for name in PEERS:
        try:
            peers.append(Peer(session, name, OPENING_SHARE * session.left_s()))
            say(f"  {name}: " + ", ".join(f"{job} {row.get('form', 'does not run')}"
                                          for job, row in peers[-1].opening["jobs"].items()))
        except PeerGone as gone:
            findings.skipped.append(str(gone))
        except OutOfTime:
            findings.missing.append(f"{name}: no time was left to find its best form")


def measure_ours(session, ours, peaks):
    options = ["--seeds", session.sizes["seeds"]] if session.sizes["seeds"] else []
    bench = session.seedvar_json("bench", "--device", session.device, "--job", session.sizes["jobs"], "--rounds", 1, *options)
    peaks.append(bench["peak_flop_per_s"])
    for row in bench["jobs"]:
        job = ours[row["job"]]
        job["seeds"], job["flop_per_seed"] = row["seeds"], row["flop_per_seed"]
        job["seeds_per_s"].append(row["seeds_per_s"])
        if row["share_of_peak"] is not None:
            job["share_of_peak"].append(row["share_of_peak"])


def measure_peer(peer, jobs, ours, theirs, findings):
    """A peer that ended says so in every round that follows."""
    for job in jobs:
        try:
            answer = peer.round(job)
        except PeerGone as gone:
            answer = {"error": str(gone)}
        if "error" in answer:
            reason = f"{peer.name}, {job}: {answer['error']}"
            if reason not in findings.skipped:
                findings.skipped.append(reason)
            continue
        row = theirs.setdefault(job, {"seeds_per_s": [], "factor": []})
        row["seeds_per_s"].append(answer["seeds"] / answer["seconds"])
        row["factor"].append(ours[job]["seeds_per_s"][-1] / row["seeds_per_s"][-1])


def report(findings, ours, peers, theirs, peaks):
    findings.figures["peak_flop_per_s"] = spread([peak for peak in peaks if peak])
    findings.figures["jobs"] = [
        {"job": name, "seeds": job["seeds"], "flop_per_seed": job.get("flop_per_seed"),
         "seeds_per_s": spread(job["seeds_per_s"]), "share_of_peak": spread(job["share_of_peak"])}
        for name, job in ours.items()]
    findings.figures["peers"] = [
        {**peer.opening, "rounds": {job: {key: spread(values) for key, values in row.items()}
                                    for job, row in theirs.get(peer.name, {}).items()}} for peer in peers]
    for job in findings.figures["jobs"]:
        if job["seeds_per_s"] is None:
            continue
        rate, share = job["seeds_per_s"], job["share_of_peak"]
        say(f"  {job['job']}: {rate['median']:.0f} seeds/s ({rate['min']:.0f} to {rate['max']:.0f})"
            + (f", {100 * share['median']:.1f}% of the fp32 peak" if share else "")
            + "".join(f", {peer['rounds'][job['job']]['factor']['median']:.1f}x {peer['name']}"
                      for peer in findings.figures["peers"] if job["job"] in peer["rounds"]))
