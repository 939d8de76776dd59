"""The work of `bana bench` done by PyTorch, for comparison.

    python -c "$(cat rival.py)" FORMAT THREADS

FORMAT is PyTorch's memory format, contiguous_format or channels_last. Each line of standard input is a request, a JSON
object; each is answered by a line of standard output, a JSON object of numbers (or of one "error").

    {"prepare": "layer", ...}   sets up some work and does it once
    {"run": true}               does it again; seconds of each of its parts
    {"memory": true}            bytes the process had at most, as "peak"
"""
import base64
import json
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

FORMAT = getattr(torch, sys.argv[1])
torch.set_num_threads(int(sys.argv[2]))


class Clock:
    """Seconds of the parts of some work, told at the end of each."""

    def __init__(self):
        self.parts, self.last = {}, time.perf_counter()

    def finish(self, part):
        now = time.perf_counter()
        self.parts[part], self.last = now - self.last, now


def random_tensor(*shape):
    return torch.randn(*shape).to(memory_format=FORMAT)


# The networks


def convolution(inputs, outputs, kernel=3, dilation=1, relu=True):
    layer = nn.Conv2d(inputs, outputs, kernel, padding=dilation * (kernel // 2), dilation=dilation)
    return [layer, nn.ReLU(inplace=True)] if relu else [layer]


def vgg16(fc6_dilation):
    """VGG-16 of output stride 8, with fc6 and fc7."""
    layers, inputs = [], 3
    stages = [(2, 64, 1, 2), (2, 128, 1, 2), (3, 256, 1, 2), (3, 512, 1, 1), (3, 512, 2, 1)]
    for depth, outputs, dilation, stride in stages:
        for _ in range(depth):
            layers += convolution(inputs, outputs, dilation=dilation)
            inputs = outputs
        layers.append(nn.MaxPool2d(3, stride, 1))
    layers.append(nn.AvgPool2d(3, 1, 1))
    layers += convolution(512, 1024, dilation=fc6_dilation) + [nn.Dropout2d(0.5)]
    return nn.Sequential(*layers, *convolution(1024, 1024, kernel=1), nn.Dropout2d(0.5)), 1024


class ASPP(nn.Module):
    """The head of DeepLab v2: the sum of four dilated convolutions."""

    def __init__(self):
        super().__init__()
        self.branches = nn.ModuleList(
            nn.Conv2d(2048, 256, 3, padding=d, dilation=d, bias=False) for d in (6, 12, 18, 24))

    def forward(self, x):
        return F.relu(sum(branch(x) for branch in self.branches))


def resnet101():
    """ResNet-101 of output stride 8, its strides where "caffe" has them, and the head of DeepLab v2."""
    from torchvision.models import resnet

    trunk = resnet.resnet101(weights=None, replace_stride_with_dilation=[False, True, True])
    trunk.maxpool.ceil_mode = True
    for layer, dilation in ((trunk.layer1, 1), (trunk.layer2, 1), (trunk.layer3, 2), (trunk.layer4, 4)):
        for block in layer:
            block.conv1.stride, block.conv2.stride = block.conv2.stride, (1, 1)
            block.conv2.dilation = block.conv2.padding = (dilation, dilation)
    stem = trunk.conv1, trunk.bn1, trunk.relu, trunk.maxpool
    return nn.Sequential(*stem, trunk.layer1, trunk.layer2, trunk.layer3, trunk.layer4, ASPP()), 256


def noise_aware_loss(cosines, y_crf, y_ret, temperature=20, gamma=7, share=0.1):
    cross_entropy = F.cross_entropy(temperature * cosines, y_crf, reduction="none", ignore_index=255)
    labelled = y_crf != 255
    reliable, unreliable = labelled & (y_crf == y_ret), labelled & (y_crf != y_ret)
    scores = 1 + cosines
    own = scores.gather(1, torch.where(labelled, y_crf, 0).unsqueeze(1)).squeeze(1)
    sigma = (own / scores.max(1).values) ** gamma
    return cross_entropy[reliable].mean() + share * (sigma * cross_entropy)[unreliable].sum() / sigma[unreliable].sum()


# The work


class Layer:
    """The three passes of one convolution with bias and ReLU."""

    def __init__(self, batch, size, kernel, stride, dilation, padding, inputs, outputs):
        self.x = random_tensor(batch, inputs, size, size)
        self.weight = (0.01 * torch.randn(outputs, inputs, kernel, kernel)).to(memory_format=FORMAT)
        self.bias = torch.randn(outputs)
        self.sizes = [stride] * 2, [padding] * 2, [dilation] * 2
        self.dy = torch.randn_like(self.forward())

    def forward(self):
        return F.conv2d(self.x, self.weight, self.bias, *self.sizes).relu_()

    def backward(self, dy, *wanted):
        return torch.ops.aten.convolution_backward(
            dy, self.x, self.weight, [len(self.bias)], *self.sizes, False, [0, 0], 1, wanted)

    def run(self, clock):
        with torch.no_grad():
            y = self.forward()
            clock.finish("forward")
            dy = torch.ops.aten.threshold_backward(self.dy, y, 0)
            self.backward(dy, False, True, True)
            clock.finish("weight gradient")
            if self.x.shape[1] == 3:
                return  # nobody wants the gradient of the image
            self.backward(dy, True, False, False)
            clock.finish("input gradient")


class Step:
    """A step of training a segmenter."""

    def __init__(self, trunk, size, batch, classes):
        trunks = {"vgg16": lambda: vgg16(12), "resnet101": resnet101}
        if trunk not in trunks:
            raise ValueError(f"no {trunk} to compare with, only {' and '.join(trunks)}")
        self.trunk, width = trunks[trunk]()
        self.trunk.to(memory_format=FORMAT).train()
        self.prototypes = nn.Parameter(0.01 * torch.randn(classes, width, 1, 1))
        parameters = [*self.trunk.parameters(), self.prototypes]
        self.optimizer = torch.optim.SGD(parameters, 1e-3, momentum=0.9, weight_decay=5e-4, fused=True)
        self.images = random_tensor(batch, 3, size, size)
        place = torch.arange(batch * size * size).view(batch, size, size) // 64
        self.y_crf = place % classes
        self.y_ret = torch.where(place % 5 == 0, (place + 1) % classes, self.y_crf)

    def run(self, clock):
        self.optimizer.zero_grad()
        features = F.normalize(self.trunk(self.images), dim=1)
        cosines = F.conv2d(features, F.normalize(self.prototypes, dim=1))
        cosines = F.interpolate(cosines, self.images.shape[2:], mode="bilinear", align_corners=True)
        loss = noise_aware_loss(cosines, self.y_crf, self.y_ret)
        clock.finish("forward")
        loss.backward()
        clock.finish("backward")
        self.optimizer.step()
        clock.finish("optimizer")


def picture(width, height, pixels):
    return torch.frombuffer(bytearray(base64.b64decode(pixels)), dtype=torch.uint8).view(height, width, 3).numpy()


def dense_crf(image, probabilities, width, xy, rgb, spatial_width, spatial_xy):
    """pydensecrf's marginals, channels first."""
    import numpy
    import pydensecrf.densecrf

    channels, height, columns = probabilities.shape
    crf = pydensecrf.densecrf.DenseCRF2D(columns, height, channels)
    unary = -numpy.log(probabilities.clip(1e-5, 1)).reshape(channels, -1)
    crf.setUnaryEnergy(numpy.ascontiguousarray(unary, dtype=numpy.float32))
    crf.addPairwiseGaussian(sxy=spatial_xy, compat=spatial_width)
    crf.addPairwiseBilateral(sxy=xy, srgb=rgb, rgbim=numpy.ascontiguousarray(image), compat=width)
    return numpy.array(crf.inference(10)).reshape(channels, height, columns)


class CRF:
    """The dense CRF over one image, by pydensecrf."""

    def __init__(self, width, height, pixels, channels, parameters):
        self.image, self.parameters = picture(width, height, pixels), parameters
        self.probabilities = torch.rand(height, width, channels).softmax(2).permute(2, 0, 1).contiguous().numpy()

    def run(self, clock):
        dense_crf(self.image, self.probabilities, *self.parameters)
        clock.finish("crf")


class Label:
    """The pseudo labels of one image."""

    def __init__(self, width, height, pixels, boxes, classes, parameters):
        self.image, self.parameters, self.boxes = picture(width, height, pixels), parameters, boxes
        trunk, channels = vgg16(1)
        self.trunk = trunk.to(memory_format=FORMAT).eval()
        self.classifier = 0.01 * torch.randn(classes, channels)
        self.background = torch.ones(height, width, dtype=torch.bool)
        for _, left, top, right, bottom in boxes:
            self.background[top:bottom, left:right] = False
        self.present = [0] + sorted({box[0] for box in boxes})

    def run(self, clock):
        with torch.no_grad():
            mean = torch.tensor([104.008, 116.669, 122.675])
            pixels = torch.from_numpy(self.image[:, :, ::-1].copy()).float() - mean
            features = self.trunk(pixels.permute(2, 0, 1).unsqueeze(0).to(memory_format=FORMAT))
            clock.finish("network")
            features = F.interpolate(features, self.background.shape, mode="bilinear", align_corners=True)[0]
            directions = F.normalize(features, dim=0)
            unary = self.unary(features, directions)
            clock.finish("attention")
            marginals = torch.from_numpy(dense_crf(self.image, unary.numpy(), *self.parameters))
            labels = self.in_boxes(marginals).argmax(0)
            clock.finish("crf")
            self.retrieve(features, directions, labels)
            clock.finish("retrieval")

    def unary(self, features, directions):
        query = features[:, self.background].mean(1)
        attention = torch.einsum("chw,c->hw", directions, F.normalize(query, dim=0)).relu()
        attention[attention < 0.99 * attention.max()] = 0
        scores = torch.zeros(len(self.present), *self.background.shape)
        scores[0] = torch.where(self.background, 1, attention)
        maps = torch.einsum("chw,kc->khw", features, self.classifier[self.present]).relu()
        for kind, left, top, right, bottom in self.boxes:
            channel = self.present.index(kind)
            part = maps[channel, top:bottom, left:right]
            scores[channel, top:bottom, left:right] = part / (part.max() + 1e-12)
        inside = ~self.background
        scores[:, inside] = scores[:, inside].softmax(0)
        return scores

    def in_boxes(self, values):
        mask = torch.zeros_like(values)
        mask[0] = 1
        for kind, left, top, right, bottom in self.boxes:
            mask[self.present.index(kind), top:bottom, left:right] = 1
        return values * mask

    def retrieve(self, features, directions, labels):
        prototypes = [
            features[:, labels == channel].mean(1) if (labels == channel).any() else self.classifier[kind]
            for channel, kind in enumerate(self.present)]
        prototypes = F.normalize(torch.stack(prototypes), dim=1)
        correlations = self.in_boxes(torch.einsum("chw,kc->khw", directions, prototypes).relu())
        correlations[0, self.background] = 1
        return correlations.argmax(0)


def peak_memory():
    with open("/proc/self/status") as status:
        return next(1024 * int(line.split()[1]) for line in status if line.startswith("VmHWM"))


def main():
    work = None
    for line in sys.stdin:
        request = json.loads(line)
        clock = Clock()
        try:
            if "prepare" in request:
                kind = {"layer": Layer, "step": Step, "crf": CRF, "label": Label}[request.pop("prepare")]
                work = None
                work = kind(**request)
                work.run(Clock())
                reply = {}
            elif "run" in request:
                work.run(clock)
                reply = clock.parts
            else:
                reply = {"peak": peak_memory()}
        except Exception as error:
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), flush=True)


main()
