"""One container: started, probed, restarted, stopped."""

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from e2e.node import clock
from e2e.node.api import ApiError, Json
from e2e.node.environment import ConfigError, Environment, command_line
from e2e.node.images import Images, UnknownImageError
from e2e.node.mounts import hides_program, launch_command
from e2e.node.network import PodNetwork
from e2e.node.probes import Probe, first_success, follow
from e2e.node.process import Process
from e2e.node.status import ContainerStatus, terminated
from e2e.node.volumes import Volumes

_LOG = logging.getLogger(__name__)
_FIRST_BACK_OFF_S = 1.0
_LONGEST_BACK_OFF_S = 60.0
_HEALTHY_S = 60.0  # having run this long, the next crash counts as the first
_RETRY_S = 1.0  # after a missing image, ConfigMap or Secret


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a container gets from its pod.

    Attributes:
        network: Where it listens.
        volumes: What it may mount.
        environment: Builds its environment.
        platform: Variables that every container here has.
        images: What its image means.
        log: Where its output goes.
        restart_policy: Of the pod.
        grace_s: Between SIGTERM and SIGKILL when its liveness fails.
    """

    network: PodNetwork
    volumes: Volumes
    environment: Environment
    platform: dict[str, str]
    images: Images
    log: Path
    restart_policy: str
    grace_s: float


class Container:
    """Keeps one container running as its pod's restart policy says."""

    def __init__(
        self, spec: Json, status: ContainerStatus, around: Surroundings, changed: Callable[[], None]
    ) -> None:
        self._spec = spec
        self._around = around
        self._changed = changed
        self._process: Process | None = None
        self._stopping = asyncio.Event()
        self._awake = asyncio.Event()
        self._excused = False  # its last end is not held against it
        self.status = status

    async def run(self) -> None:
        """Run it until it is done for good or stopped."""
        back_off = _FIRST_BACK_OFF_S
        while not self._stopping.is_set():
            command = await self._prepared()
            if command is None:
                await self._pause(_RETRY_S)
                continue
            began = asyncio.get_running_loop().time()
            code = await self._run_once(*command)
            if self._stopping.is_set() or not self._again(code):
                return
            if asyncio.get_running_loop().time() - began > _HEALTHY_S:
                back_off = _FIRST_BACK_OFF_S
            if self._excused:
                self._excused = False
                self.status.last = self.status.state
            else:
                self._crashed(back_off)
                await self._pause(back_off)
                back_off = min(back_off * 2, _LONGEST_BACK_OFF_S)
            self.status.restarts += 1

    async def stop(self, grace_s: float, hurry: asyncio.Event) -> None:
        """Stop it for good: SIGTERM, and SIGKILL after the grace or in a hurry."""
        self._stopping.set()
        if self._process is not None:
            await self._process.stop(grace_s, hurry)

    @property
    def running(self) -> bool:
        """Whether it has a process now."""
        return self._process is not None

    def unready(self) -> None:
        """Take it out of service; no probe brings it back."""
        self._stopping.set()
        self._set_ready(ready=False)

    def kill(self, *, excused: bool) -> bool:
        """SIGKILL its processes as a crash would; False if none is running.

        Args:
            excused: Start it again at once, as a kubelet does after the first crash, however often it was killed.
        """
        if self._process is None:
            return False
        self._excused = excused
        self._process.send(signal.SIGKILL)
        return True

    def pause(self) -> bool:
        """SIGSTOP its processes; False if none is running. Nobody probes it until `resume`."""
        if self._process is None:
            return False
        self._awake.clear()
        self._process.send(signal.SIGSTOP)
        return True

    def resume(self) -> bool:
        """SIGCONT its processes; False if none is paused."""
        if self._process is None or self._awake.is_set():
            return False
        self._process.send(signal.SIGCONT)
        self._awake.set()
        return True

    async def _prepared(self) -> tuple[list[str], dict[str, str]] | None:
        """Return command and environment, or say in the status why there is none."""
        try:
            return await self._command()
        except UnknownImageError as error:
            self._wait("ErrImagePull", str(error))
        except (ConfigError, ApiError) as error:
            self._wait("CreateContainerConfigError", str(error))
        return None

    async def _command(self) -> tuple[list[str], dict[str, str]]:
        spec, around = self._spec, self._around
        for kind in ("startupProbe", "readinessProbe", "livenessProbe"):
            self._probe(kind)  # a probe that cannot be followed is found before the start
        program = around.images.find(spec["image"], has_command=bool(spec.get("command")))
        self.status.image_id = program.image_id(spec["image"])
        env = await around.environment.of(spec, {**around.platform, **program.env})
        argv = command_line(spec, program.argv, env)
        paths = [path for value in program.env.values() for path in value.split(":")]
        needed = [*program.argv, *spec.get("command", []), *paths]
        mounts = []
        for mount in around.volumes.mounts(spec):
            if hides_program(mount.target, needed):
                _LOG.warning("%s is left as it is: the program lies in it", mount.target)
            else:
                mounts.append(mount)
        scratch = around.volumes.directory / "overlays" / spec["name"]
        directory = spec.get("workingDir", "/")
        return launch_command(around.network, mounts, scratch, directory, argv), env

    async def _run_once(self, argv: list[str], env: dict[str, str]) -> int:
        started = clock.seconds()
        self._process = await Process.start(argv, env, self._around.log)
        self._awake.set()
        self.status.state = {"running": {"startedAt": started}}
        self._changed()
        watching = asyncio.create_task(self._watch(self._process))
        try:
            code = await self._process.ended()
        finally:
            watching.cancel()
            self._process = None
        self.status.started = False
        self.status.state = terminated(code, started, clock.seconds())
        self._set_ready(ready=False)
        return code

    async def _watch(self, process: Process) -> None:
        """Follow the probes of one run."""
        startup = self._probe("startupProbe")
        if startup is not None and not await first_success(startup):
            await process.stop(self._around.grace_s, self._stopping)
            return
        self.status.started = True
        self._changed()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._watch_readiness())
            group.create_task(self._watch_liveness(process))

    async def _watch_readiness(self) -> None:
        probe = self._probe("readinessProbe")
        if probe is not None:
            while not await first_success(probe):
                continue
        self._set_ready(ready=True)
        if probe is not None:
            await follow(probe, self._awake, lambda works: self._set_ready(ready=works))

    async def _watch_liveness(self, process: Process) -> None:
        probe = self._probe("livenessProbe")
        if probe is None:
            return
        await asyncio.sleep(probe.initial_delay)
        dead = asyncio.Event()
        looking = asyncio.create_task(follow(probe, self._awake, lambda _: dead.set()))
        try:
            await dead.wait()
        finally:
            looking.cancel()
        _LOG.info("%s: liveness failed", self._spec["name"])
        await process.stop(self._around.grace_s, self._stopping)

    def _probe(self, kind: str) -> Probe | None:
        spec = self._spec.get(kind)
        return spec and Probe.parse(spec, self._spec, self._around.network.address)

    def _again(self, code: int) -> bool:
        policy = self._around.restart_policy
        return policy == "Always" or (policy == "OnFailure" and code != 0)

    def _crashed(self, back_off: float) -> None:
        self.status.last = self.status.state
        name = self._spec["name"]
        self._wait("CrashLoopBackOff", f"back-off {back_off:g}s restarting container {name}")

    def _wait(self, reason: str, message: str) -> None:
        self.status.state = {"waiting": {"reason": reason, "message": message[:1000]}}
        self._changed()

    def _set_ready(self, *, ready: bool) -> None:
        self.status.ready = ready and not self._stopping.is_set()
        self._changed()

    async def _pause(self, seconds: float) -> None:
        """Sleep, unless stopped meanwhile."""
        stopping: Awaitable[object] = self._stopping.wait()
        try:
            async with asyncio.timeout(seconds):
                await stopping
        except TimeoutError:
            return
