"""The network's twin in PyTorch: the same configurations, loss and optimiser, written independently of the trainer.

It has two uses, and the trainer needs it for neither:
  python3 tests/peer/twin.py golden       writes tests/peer/golden/ anew; tests/peer/test_golden.cpp compares the trainer with it
  python3 tests/peer/twin.py step ...     trains when told to, for `florilegium bench train --peer` (see `serve`)

  python3 tests/peer/twin.py tune ...     which way of computing the same is the fastest here, as JSON; `step` asks it first

Needs PyTorch 1.13 or newer (Debian: python3-torch).
Letters: N pictures, H and W pixels, C channels, T tokens, D width. Pictures are [N, C, H, W] here, in channels-last memory.
Parameters have the trainer's names and order; a convolution's weight is [O, k, k, C] there and [O, C, k, k] here.
"""
import argparse
import array
import json
import math
import os
import resource
import subprocess
import sys
import time

try:
    import torch
    import torch.nn.functional as F
    from torch import nn
except ImportError:
    print("missing PyTorch", flush=True)
    sys.exit(1)

CONFIGS = {
    "botanical": dict(image_size=512, patch=8, widths=[64, 128], blocks=2, middle_width=256, middle_blocks=6, head_width=32, embedding=256, detail=192, finish=16, hint=True),
    "coarse": dict(image_size=64, patch=2, widths=[64, 128], blocks=2, middle_width=256, middle_blocks=6, head_width=32, embedding=256, detail=0, finish=0, hint=True, hint_cell=1, view=True),
    "garden": dict(image_size=64, patch=4, widths=[64], blocks=2, middle_width=128, middle_blocks=4, head_width=32, embedding=128, detail=0, finish=0, hint=False),
    "tiny": dict(image_size=16, patch=4, widths=[16], blocks=1, middle_width=32, middle_blocks=1, head_width=16, embedding=32, detail=32, finish=16, hint=True),
}
OPTIMISER = dict(lr=5e-4, betas=(0.9, 0.98), eps=1e-8, weight_decay=0.01)
CLIP_NORM = 1.0
EMA_DECAY = 0.999
EPSILON = 1e-5
FINISH_PATCH = 2  # side of the finishing layers' pixel blocks


class Way:
    """How the same arithmetic is asked of PyTorch. Golden values need the trainer's order of channels; a bench takes what is fastest.
    attention: explicit (two products and a softmax) or fused (scaled_dot_product_attention). moves: permute (the trainer's order of
    channels) or shuffle (pixel_unshuffle: another order of the same numbers). memory: channels_last or contiguous."""
    attention, moves, memory, run, threads = "explicit", "permute", "channels_last", "eager", 0

    @classmethod
    def all_of(cls, key, threads):
        return {"attention": ["explicit"] + ["fused"] * hasattr(F, "scaled_dot_product_attention"), "moves": ["shuffle", "permute"],
                "memory": ["channels_last", "contiguous"], "run": ["eager"] + ["compiled"] * hasattr(torch, "compile"),
                "threads": sorted({threads, max(1, threads // 2)}, reverse=True)}[key]


# ---- the network ------------------------------------------------------------------------------------------------------------

def space_to_depth(x, b):
    """[N, C, H, W] -> [N, b b C, H/b, W/b]; channel (row * b + column) * C + c."""
    if Way.moves == "shuffle":
        return F.pixel_unshuffle(x, b)
    n, c, h, w = x.shape
    y = x.permute(0, 2, 3, 1).reshape(n, h // b, b, w // b, b, c).permute(0, 1, 3, 2, 4, 5)
    return y.reshape(n, h // b, w // b, b * b * c).permute(0, 3, 1, 2)


def depth_to_space(x, b):
    if Way.moves == "shuffle":
        return F.pixel_shuffle(x, b)
    n, c, h, w = x.shape
    y = x.permute(0, 2, 3, 1).reshape(n, h, w, b, b, c // (b * b)).permute(0, 1, 3, 2, 4, 5)
    return y.reshape(n, h * b, w * b, c // (b * b)).permute(0, 3, 1, 2)


def noise_features(level, count=64):
    """[N] -> [N, count]: cosines, then sines, of frequencies from 1/4 to 64."""
    half = count // 2
    frequencies = torch.tensor([0.25 * 256.0 ** (i / (half - 1)) for i in range(half)], dtype=torch.float32, device=level.device)
    phase = 2 * math.pi * level[:, None] * frequencies[None]
    return torch.cat([phase.cos(), phase.sin()], 1)


class Modulated(nn.Module):
    """A normalisation followed by y = normal * (1 + scale) + shift, both from the noise level's embedding."""

    def __init__(self, width, embedding, groups=0):
        super().__init__()
        self.modulation = nn.Linear(embedding, 2 * width)
        self.groups = groups

    def forward(self, x, embedding):
        scale, shift = self.modulation(embedding).chunk(2, 1)
        if self.groups:
            h = F.group_norm(x, self.groups, eps=EPSILON)
            return F.silu(torch.addcmul(shift[:, :, None, None], h, 1 + scale[:, :, None, None]))
        h = F.layer_norm(x, x.shape[-1:], eps=EPSILON)
        return torch.addcmul(shift[:, None], h, 1 + scale[:, None])


class Residual(nn.Module):
    def __init__(self, inside, width, embedding):
        super().__init__()
        self.norm1 = Modulated(inside, embedding, inside // 16)
        self.conv1 = nn.Conv2d(inside, width, 3, padding=1)
        self.norm2 = Modulated(width, embedding, width // 16)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1)
        self.skip = nn.Conv2d(inside, width, 1) if inside != width else None

    def forward(self, x, embedding):
        h = self.conv1(self.norm1(x, embedding))
        h = self.conv2(self.norm2(h, embedding))
        return h + (self.skip(x) if self.skip is not None else x)


class Transformer(nn.Module):
    def __init__(self, width, heads, embedding):
        super().__init__()
        self.heads = heads
        self.norm1 = Modulated(width, embedding)
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.norm2 = Modulated(width, embedding)
        self.mlp1 = nn.Linear(width, 4 * width)
        self.mlp2 = nn.Linear(4 * width, width)

    def attention(self, qkv):
        n, t, d = qkv.shape[0], qkv.shape[1], qkv.shape[2] // 3
        q, k, v = qkv.view(n, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        if Way.attention == "fused":
            y = F.scaled_dot_product_attention(q, k, v)
        else:
            y = (q @ k.transpose(-1, -2) * (d // self.heads) ** -0.5).softmax(-1) @ v
        return y.transpose(1, 2).reshape(n, t, d)

    def forward(self, t, embedding):
        t = self.out(self.attention(self.qkv(self.norm1(t, embedding)))) + t
        return self.mlp2(F.silu(self.mlp1(self.norm2(t, embedding)))) + t


class Denoiser(nn.Module):
    def __init__(self, config):
        super().__init__()
        c = self.config = argparse.Namespace(**config)
        widths, e = c.widths, c.embedding
        self.level1, self.level2 = nn.Linear(64, e), nn.Linear(e, e)
        self.view = nn.Linear(64, e) if config.get("view") else None
        self.stem = nn.Conv2d(3 * c.patch * c.patch, (widths + [c.middle_width])[0], 1)
        self.hint = None
        self.down, self.halved = nn.ModuleList(), nn.ModuleList()
        for stage, width in enumerate(widths):
            self.down.append(nn.ModuleList(Residual(width, width, e) for _ in range(c.blocks)))
            self.halved.append(nn.Conv2d(4 * width, (widths + [c.middle_width])[stage + 1], 1))
        side = (c.image_size // c.patch) >> len(widths)
        self.positions = nn.Parameter(torch.randn(side * side, c.middle_width) * 0.1)
        self.middle = nn.ModuleList(Transformer(c.middle_width, c.middle_width // c.head_width, e) for _ in range(c.middle_blocks))
        self.doubled, self.up = nn.ModuleList(), nn.ModuleList()
        for stage, width in enumerate(widths):
            before = widths[stage + 1] if stage + 1 < len(widths) else c.middle_width
            self.doubled.append(nn.Conv2d(before, 4 * width, 1))
            self.up.append(nn.ModuleList(Residual(2 * width if b == 0 else width, width, e) for b in range(c.blocks)))
        last = (widths + [c.middle_width])[0]
        self.last_norm = Modulated(last, e, last // 16)
        numbers = 3 * c.patch * c.patch
        self.last_conv = nn.Conv2d(last, numbers, 3, padding=1)
        self.detail_in = None
        if c.detail:
            self.detail_in = nn.Conv2d(last + numbers, c.detail, 1)
            self.detail_norm = Modulated(c.detail, e, c.detail // 16)
            self.detail_out = nn.Conv2d(c.detail, numbers, 1)
        self.finish_in = None
        if c.finish:
            numbers = 3 * FINISH_PATCH * FINISH_PATCH
            self.finish_in = nn.Conv2d(2 * numbers, c.finish, 3, padding=1)
            self.finish_norm = Modulated(c.finish, e, c.finish // 16)
            self.finish_out = nn.Conv2d(c.finish, numbers, 3, padding=1)
        if c.hint:  # where the grid is that of its cells; finer ones enter with the patches
            cell = config.get("hint_cell", 8)
            self.hint_block = max(1, c.patch // cell)
            cells = [(c.image_size // c.patch) >> s for s in range(len(widths) + 1)]
            self.hint_stage = cells.index(c.image_size // cell // self.hint_block)
            self.hint = nn.Conv2d(4 * self.hint_block ** 2, (widths + [c.middle_width])[self.hint_stage], 1)

    def forward(self, x, level, hint=None):
        c = self.config
        embedding = self.level1(noise_features(level))
        if self.view is not None:  # all of whole plates
            embedding = self.view(noise_features(torch.ones_like(level))) + embedding
        embedding = F.silu(self.level2(F.silu(embedding)))
        if self.hint is not None and self.hint_block > 1:
            hint = space_to_depth(hint, self.hint_block)
        noisy, patches = x, space_to_depth(x, c.patch)
        x = self.stem(patches)
        if self.hint is not None and self.hint_stage == 0:
            x = self.hint(hint) + x
        skips = []
        for stage, blocks in enumerate(self.down):
            for block in blocks:
                x = block(x, embedding)
            skips.append(x)
            x = self.halved[stage](space_to_depth(x, 2))
            if self.hint is not None and self.hint_stage == stage + 1:
                x = self.hint(hint) + x
        n, d, h, w = x.shape
        t = x.permute(0, 2, 3, 1).reshape(n, h * w, d) + self.positions
        for block in self.middle:
            t = block(t, embedding)
        x = t.reshape(n, h, w, d).permute(0, 3, 1, 2)
        for stage in reversed(range(len(self.up))):
            x = torch.cat([depth_to_space(self.doubled[stage](x), 2), skips[stage]], 1)
            for block in self.up[stage]:
                x = block(x, embedding)
        out = self.last_conv(self.last_norm(x, embedding))
        if self.detail_in is not None:
            out = self.detail_out(self.detail_norm(self.detail_in(torch.cat([x, patches], 1)), embedding)) + out
        out = depth_to_space(out, c.patch)
        if self.finish_in is not None:
            drawn = space_to_depth(out, FINISH_PATCH)
            seen = self.finish_in(torch.cat([drawn, space_to_depth(noisy, FINISH_PATCH)], 1))
            out = depth_to_space(self.finish_out(self.finish_norm(seen, embedding)) + drawn, FINISH_PATCH)
        return out

    def named(self):
        """(the trainer's name, parameter) of every parameter, in the trainer's order: that in which its layers are used.
        A normalisation's layer stands before the convolution that it normalises for."""
        c, found = self.config, []

        def layer(name, module):
            found.extend([(name + ".weight", module.weight), (name + ".bias", module.bias)])

        def residual(name, block):
            layer(name + ".norm1", block.norm1.modulation)
            layer(name + ".conv1", block.conv1)
            layer(name + ".norm2", block.norm2.modulation)
            layer(name + ".conv2", block.conv2)
            if block.skip is not None:
                layer(name + ".skip", block.skip)

        def hint(stage):
            if self.hint is not None and self.hint_stage == stage:
                layer("hint", self.hint)

        layer("level1", self.level1)
        if self.view is not None:
            layer("view", self.view)
        layer("level2", self.level2)
        layer("stem", self.stem)
        hint(0)
        for s in range(len(c.widths)):
            for b, block in enumerate(self.down[s]):
                residual(f"down{s}.block{b}", block)
            layer(f"down{s}.half", self.halved[s])
            hint(s + 1)
        found.append(("middle.positions", self.positions))
        for b, block in enumerate(self.middle):
            name = f"middle.block{b}"
            layer(name + ".norm1", block.norm1.modulation)
            layer(name + ".qkv", block.qkv)
            layer(name + ".out", block.out)
            layer(name + ".norm2", block.norm2.modulation)
            layer(name + ".mlp1", block.mlp1)
            layer(name + ".mlp2", block.mlp2)
        for s in reversed(range(len(c.widths))):
            layer(f"up{s}.double", self.doubled[s])
            for b, block in enumerate(self.up[s]):
                residual(f"up{s}.block{b}", block)
        layer("last.norm", self.last_norm.modulation)
        layer("last.conv", self.last_conv)
        if self.detail_in is not None:
            layer("detail.in", self.detail_in)
            layer("detail.norm", self.detail_norm.modulation)
            layer("detail.out", self.detail_out)
        if self.finish_in is not None:
            layer("finish.in", self.finish_in)
            layer("finish.norm", self.finish_norm.modulation)
            layer("finish.out", self.finish_out)
        return found


def as_theirs(parameter):
    """A parameter's (or gradient's) numbers in the trainer's layout, flat."""
    p = parameter.detach().float().cpu()
    return (p.permute(0, 2, 3, 1) if p.dim() == 4 else p).contiguous().reshape(-1)


# ---- loss and optimiser -----------------------------------------------------------------------------------------------------

def loss_of(denoised, target, level):
    weight = level.clamp(min=0.05) ** -2
    return (weight * ((denoised.float() - target) ** 2).mean((1, 2, 3))).mean()


class Training:
    """AdamW on gradients clipped to a norm, weight decay on parameters of two or more dimensions, and a moving average."""

    def __init__(self, network, ema_decay=EMA_DECAY, dtype=torch.float32):
        self.network, self.ema_decay, self.dtype = network, ema_decay, dtype
        self.parameters = [p for _, p in network.named()]
        self.averages = [p.detach().clone() for p in self.parameters]
        decayed = [(name, p) for name, p in network.named() if p.dim() >= 2]
        plain = [p for p in self.parameters if p.dim() < 2]
        self.optimiser = torch.optim.AdamW([dict(params=[p for _, p in decayed]), dict(params=plain, weight_decay=0.0)], foreach=True, **OPTIMISER)
        self.run = network

    def gradients(self, x, level, hint, target):
        self.optimiser.zero_grad(set_to_none=True)
        with torch.autocast(x.device.type, dtype=torch.bfloat16, enabled=self.dtype == torch.bfloat16):
            denoised = self.run(x, level, hint)
        loss = loss_of(denoised, target, level)
        loss.backward()
        return denoised, loss

    def step(self, x, level, hint, target):
        _, loss = self.gradients(x, level, hint, target)
        torch.nn.utils.clip_grad_norm_(self.parameters, CLIP_NORM)
        self.optimiser.step()
        with torch.no_grad():
            torch._foreach_mul_(self.averages, self.ema_decay)
            torch._foreach_add_(self.averages, self.parameters, alpha=1 - self.ema_decay)
        return loss


# ---- golden values ----------------------------------------------------------------------------------------------------------

def pattern(stream, count):
    """Numbers in (-1, 1) that both sides can make exactly: a hash of the stream and the counter (as in test_golden.cpp)."""
    low = 0xFFFFFFFF
    v = (torch.arange(count, dtype=torch.int64) + (stream * 0x9E3779B9 & low)) & low
    for multiplier in (0x85EBCA6B, 0xC2B2AE35):
        v ^= v >> 16
        v = v * multiplier & low
    v ^= v >> 16
    return ((v >> 8).double() * 2.0 ** -23 - 1 + 2.0 ** -24).float()


def fill_with_patterns(network):
    """Every parameter, also those that start at 0 in training, so that no gradient vanishes."""
    for index, (_, p) in enumerate(network.named()):
        fan_in = p[0].numel() if p.dim() >= 2 else 100
        values = pattern(1000 + index, p.numel()) * torch.tensor(math.sqrt(1.5 / fan_in), dtype=torch.float32)
        if p.dim() == 4:
            o, i, k, _ = p.shape
            values = values.view(o, k, k, i).permute(0, 3, 1, 2)
        p.data.copy_(values.reshape(p.shape))


def batch_of_patterns(config, n, step):
    """x, level, hint and target of one step; the picture is the target, and x is it mixed with noise."""
    s = config["image_size"]

    def pictures(stream, channels, side):
        return pattern(stream, n * side * side * channels).view(n, side, side, channels).permute(0, 3, 1, 2)

    target, noise = pictures(4 * step, 3, s), pictures(4 * step + 1, 3, s) * 1.75
    level = 0.5 + 0.45 * pattern(4 * step + 2, n)
    hint = pictures(4 * step + 3, 4, s // 8) if config["hint"] else None
    mix = level[:, None, None, None]
    return (1 - mix) * target + mix * noise, level, hint, target


def golden(folder):
    """NAME.json of each configuration: prediction, loss, of each gradient its norm and four projections on patterns, ten losses
    of training and the norms at its end. tiny.f32: its gradients whole, in the trainer's order."""
    torch.set_num_threads(1)
    torch.manual_seed(1)
    for name, n in (("tiny", 3), ("garden", 2)):
        network = Denoiser(CONFIGS[name])
        fill_with_patterns(network)
        training = Training(network, ema_decay=0.9)
        denoised, loss = training.gradients(*batch_of_patterns(CONFIGS[name], n, 0))
        found = dict(config=name, batch=n, torch=torch.__version__, loss=loss.item(),
                     denoised_norm=denoised.double().norm().item(), gradients=[])
        if name == "tiny":
            found["denoised"] = [float(f"{v:.8g}") for v in denoised.detach().permute(0, 2, 3, 1).reshape(-1).tolist()]
        whole = []
        for index, (parameter_name, p) in enumerate(network.named()):
            g = as_theirs(p.grad)
            whole.append(g)
            projections = [(g.double() @ pattern(5000 + 4 * index + k, g.numel()).double()).item() for k in range(4)]
            found["gradients"].append(dict(name=parameter_name, norm=g.double().norm().item(), projections=projections))
        if name == "tiny":
            with open(os.path.join(folder, "tiny.f32"), "wb") as file:
                array.array("f", torch.cat(whole).tolist()).tofile(file)
        found["losses"] = [training.step(*batch_of_patterns(CONFIGS[name], n, step)).item() for step in range(1, 11)]
        found["parameters_norm"] = torch.cat([as_theirs(p) for p in training.parameters]).double().norm().item()
        found["averages_norm"] = torch.cat([as_theirs(p) for p in training.averages]).double().norm().item()
        with open(os.path.join(folder, name + ".json"), "w") as file:
            json.dump(found, file, indent=0)
            file.write("\n")


# ---- the other side of `florilegium bench train --peer` -----------------------------------------------------------------------

class Bench:
    """Training steps of a configuration on pictures of noise, the way that `Way` says."""

    def __init__(self, a):
        torch.set_num_threads(Way.threads or a.threads)
        torch.manual_seed(1)
        config = dict(CONFIGS[a.config])
        if a.size:
            config["image_size"] = a.size
        self.device, s, n = a.device, config["image_size"], a.batch
        memory = dict(memory_format=torch.channels_last if Way.memory == "channels_last" else torch.contiguous_format)
        network = Denoiser(config).to(a.device).to(**memory)
        self.training = Training(network, dtype=torch.bfloat16 if a.precision == "bf16" else torch.float32)
        if Way.run == "compiled":
            self.training.run = torch.compile(network)
        self.pictures = (torch.rand(n, 3, s, s, device=a.device) * 2 - 1).contiguous(**memory)
        cells = s // config.get("hint_cell", 8)
        self.hint = torch.zeros(n, 4, cells, cells, device=a.device).contiguous(**memory) if config["hint"] else None

    def step(self):
        """Takes a step -> its milliseconds."""
        begin = time.perf_counter()
        level = torch.rand(self.pictures.shape[0], device=self.device) * 0.9 + 0.05
        mix = level[:, None, None, None]
        x = (1 - mix) * self.pictures + mix * torch.randn_like(self.pictures)
        self.training.step(x, level, self.hint, self.pictures).item()
        return (time.perf_counter() - begin) * 1000


def tune(a):
    """Tries each way in turn from the ones found best so far, and prints the fastest as JSON; a way that fails is passed over."""
    tried = 0

    def milliseconds(**way):
        nonlocal tried
        for key, value in way.items():
            setattr(Way, key, value)
        try:
            bench = Bench(a)
            bench.step()
            tried += 1
            return min(bench.step() for _ in range(3))
        except Exception as problem:  # a compiler that is missing, a kernel that there is not
            print(f"{way}: {problem}", file=sys.stderr, flush=True)
            return math.inf

    best = {key: Way.all_of(key, a.threads)[0] for key in ("attention", "moves", "memory", "threads", "run")}
    fastest = milliseconds(**best)
    for key in best:
        for value in Way.all_of(key, a.threads)[1:]:
            way = {**best, key: value}
            time_of_way = milliseconds(**way)
            if time_of_way < fastest:
                best, fastest = way, time_of_way
    print(json.dumps(dict(way=best, tried=tried)), flush=True)


def serve(a):
    """Says `ready`, its number of parameters and what it is on one line; then, for every line `step` on stdin, trains one step and answers with a line of
    its milliseconds and the process's peak memory in MB (with CUDA: of the GPU)."""
    # in a process of its own, so that what was tried does not count as memory
    tuned = subprocess.run([sys.executable, os.path.abspath(__file__), "tune"] + sys.argv[2:], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    found = json.loads(tuned.stdout.splitlines()[-1])
    for key, value in found["way"].items():
        setattr(Way, key, value)
    bench, cuda = Bench(a), a.device == "cuda"
    way = f"{Way.attention} attention, {Way.moves}, {Way.memory.replace('_', '-')}, {Way.run}, {torch.get_num_threads()} threads: the fastest of {found['tried']} ways"
    print(f"ready {sum(p.numel() for p in bench.training.parameters)} PyTorch {torch.__version__}, {way}", flush=True)
    for line in sys.stdin:
        if line.strip() != "step":
            break
        milliseconds = bench.step()
        peak = torch.cuda.max_memory_allocated() / 1e6 if cuda else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
        print(f"{milliseconds:.4f} {peak:.1f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    writing = commands.add_parser("golden", help="write the golden values anew")
    writing.add_argument("--out", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden"))
    for name, what in (("step", "train one step for each line 'step' on stdin"), ("tune", "find the fastest way to compute a step")):
        stepping = commands.add_parser(name, help=what)
        stepping.add_argument("--config", choices=CONFIGS, default="botanical")
        stepping.add_argument("--size", type=int, default=0)
        stepping.add_argument("--batch", type=int, default=8)
        stepping.add_argument("--threads", type=int, default=os.cpu_count())
        stepping.add_argument("--precision", choices=["f32", "bf16"], default="f32")
        stepping.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    arguments = parser.parse_args()
    if arguments.command == "golden":
        golden(arguments.out)
    else:
        {"step": serve, "tune": tune}[arguments.command](arguments)


if __name__ == "__main__":
    main()
