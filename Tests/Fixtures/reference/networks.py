"""VGG-16 and ResNets at output stride 8, the box classifier and DeepLab v1 and v2, under the reference's tensor names."""

from torch import nn
from torch.nn import functional

# (number of convolutions, channels) of each stage
STAGES = [(2, 64), (2, 128), (3, 256), (3, 512), (3, 512)]
FC_CHANNELS = 1024

# Of a ResNet's four groups of blocks: channels within a block, the first block's stride, the 3x3's dilation.
WIDTHS, STRIDES, DILATIONS = (64, 128, 256, 512), (1, 2, 1, 1), (1, 1, 2, 4)
BLOCKS = {
    "resnet14": (1, 1, 1, 1), "resnet26": (2, 2, 2, 2), "resnet50": (3, 4, 6, 3), "resnet101": (3, 4, 23, 3),
}  # fmt: skip
HEAD_CHANNELS = 256
HEAD_DILATIONS = (6, 12, 18, 24)


class Vgg16(nn.Module):
    """(N, 3, H, W) -> (N, D, h, w). D = 1024 * width, or 512 * width where the trunk ends at pool5 (`fc` false)."""

    def __init__(self, width=1.0, fc=True, dropout=0.5, batch_norm=False, fc6_dilation=1):
        super().__init__()
        self.fc, self.batch_norm = fc, batch_norm
        channels = 3
        for stage, (count, full) in enumerate(STAGES, start=1):
            dilation = 2 if stage == 5 else 1
            for index in range(1, count + 1):
                out = int(full * width)
                convolution = nn.Conv2d(channels, out, 3, padding=dilation, dilation=dilation)
                self.add_module(f"conv{stage}_{index}", convolution)
                if batch_norm:
                    self.add_module(f"conv{stage}_{index}_bn", nn.BatchNorm2d(out, eps=1e-5))
                channels = out
        self.channels = channels
        if fc:
            self.channels = int(FC_CHANNELS * width)
            self.fc6 = nn.Conv2d(channels, self.channels, 3, padding=fc6_dilation, dilation=fc6_dilation)
            self.fc7 = nn.Conv2d(self.channels, self.channels, 1)
            self.drop = nn.Dropout2d(dropout)

    def forward(self, x):
        for stage, (count, _) in enumerate(STAGES, start=1):
            for index in range(1, count + 1):
                x = getattr(self, f"conv{stage}_{index}")(x)
                if self.batch_norm:
                    x = getattr(self, f"conv{stage}_{index}_bn")(x)
                x = functional.relu(x)
            x = functional.max_pool2d(x, 3, stride=2 if stage <= 3 else 1, padding=1)
        x = functional.avg_pool2d(x, 3, stride=1, padding=1, count_include_pad=True)
        if self.fc:
            x = self.drop(functional.relu(self.fc6(x)))
            x = self.drop(functional.relu(self.fc7(x)))
        return x


class Unit(nn.Module):
    """A convolution without bias and its batch norm."""

    def __init__(self, inputs, outputs, kernel, **options):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, bias=False, **options)
        self.bn = nn.BatchNorm2d(outputs, eps=1e-5)

    def forward(self, x):
        return self.bn(self.conv(x))


class Bottleneck(nn.Module):
    """1x1, 3x3, 1x1, and a way round them. `stride` is in the first 1x1 ("caffe") or in the 3x3 ("torchvision")."""

    def __init__(self, inputs, channels, stride, dilation, is_first, place):
        super().__init__()
        outputs = 4 * channels
        first, middle = (stride, 1) if place == "caffe" else (1, stride)
        self.reduce = Unit(inputs, channels, 1, stride=first)
        self.conv3x3 = Unit(channels, channels, 3, stride=middle, padding=dilation, dilation=dilation)
        self.increase = Unit(channels, outputs, 1)
        self.shortcut = Unit(inputs, outputs, 1, stride=stride) if is_first else None

    def forward(self, x):
        y = functional.relu(self.reduce(x))
        y = functional.relu(self.conv3x3(y))
        y = self.increase(y)
        return functional.relu(y + (x if self.shortcut is None else self.shortcut(x)))


class ResNet(nn.Module):
    """(N, 3, H, W) -> (N, 2048 * width, h, w). Layer 1 is the stem; blocks count from 1."""

    def __init__(self, blocks, width=1.0, stride="caffe"):
        super().__init__()
        channels = int(64 * width)
        self.layer1 = nn.Module()
        self.layer1.conv1 = Unit(3, channels, 7, stride=2, padding=3)
        for number, (count, full, step, dilation) in enumerate(zip(blocks, WIDTHS, STRIDES, DILATIONS), start=2):
            layer, inner = nn.Module(), int(full * width)
            for block in range(1, count + 1):
                is_first = block == 1
                layer.add_module(
                    f"block{block}", Bottleneck(channels, inner, step if is_first else 1, dilation, is_first, stride)
                )
                channels = 4 * inner
            self.add_module(f"layer{number}", layer)
        self.channels = channels

    def forward(self, x):
        x = functional.relu(self.layer1.conv1(x))
        x = functional.max_pool2d(x, 3, stride=2, padding=1, ceil_mode=True)
        for number in range(2, 6):
            for block in getattr(self, f"layer{number}").children():
                x = block(x)
        return x


class Network(nn.Module):
    """A trunk and a 1x1 classifier without bias: `backbone.*` and `classifier.weight` (C, D, 1, 1)."""

    def __init__(self, classes, blocks=None, **trunk):
        super().__init__()
        self.backbone = ResNet(blocks, **trunk) if blocks else Vgg16(**trunk)
        self.classifier = nn.Conv2d(self.backbone.channels, classes, 1, bias=False)


class Classifier(Network):
    """Stage 1: features, and class scores of pooled vectors."""

    def features(self, images):
        """(N, 3, H, W) -> (N, D, h, w)."""
        return self.backbone(images)

    def scores(self, vectors):
        """(V, D) -> (V, C)."""
        return vectors @ self.classifier.weight[:, :, 0, 0].T


class DeepLab(Network):
    """Stage 3: DeepLab with the cosine classifier; v1 (LargeFOV) on VGG, v2 (ASPP: `c1` ... `c4`) on a ResNet."""

    def __init__(self, classes, blocks=None, width=1.0, **trunk):
        if not blocks:
            trunk["fc6_dilation"] = 12
        super().__init__(classes, blocks, width=width, **trunk)
        self.pyramid = []
        if not blocks:
            return
        inputs, outputs = self.backbone.channels, int(HEAD_CHANNELS * width)
        for index, dilation in enumerate(HEAD_DILATIONS, start=1):
            name = f"c{index}"
            self.add_module(name, nn.Conv2d(inputs, outputs, 3, padding=dilation, dilation=dilation, bias=False))
            self.pyramid.append(name)
        self.classifier = nn.Conv2d(outputs, classes, 1, bias=False)

    def forward(self, images):
        """(N, 3, H, W) -> cosines (N, C, H, W), resized bilinearly with aligned corners."""
        features = self.backbone(images)
        if self.pyramid:
            features = functional.relu(sum(getattr(self, name)(features) for name in self.pyramid))
        features = functional.normalize(features, dim=1, eps=1e-12)
        weights = functional.normalize(self.classifier.weight, dim=1, eps=1e-12)
        cosines = functional.conv2d(features, weights)
        return functional.interpolate(cosines, size=images.shape[-2:], mode="bilinear", align_corners=True)
