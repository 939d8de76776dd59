"""VGG-16 at output stride 8, the box classifier and DeepLab v1 (LargeFOV), under the reference's tensor names."""

from torch import nn
from torch.nn import functional

# (number of convolutions, channels) of each stage
STAGES = [(2, 64), (2, 128), (3, 256), (3, 512), (3, 512)]
FC_CHANNELS = 1024


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


class Network(nn.Module):
    """A trunk and a 1x1 classifier without bias: `backbone.*` and `classifier.weight` (C, D, 1, 1)."""

    def __init__(self, classes, **trunk):
        super().__init__()
        self.backbone = Vgg16(**trunk)
        self.classifier = nn.Conv2d(self.backbone.channels, classes, 1, bias=False)


class Classifier(Network):
    """Stage 1: features, and class scores of pooled vectors."""

    def features(self, images):
        """(N, 3, H, W) -> (N, D, h, w)."""
        return self.backbone(images)

    def scores(self, vectors):
        """(V, D) -> (V, C)."""
        return vectors @ self.classifier.weight[:, :, 0, 0].T


class LargeFov(Network):
    """Stage 3: DeepLab v1 with the cosine classifier."""

    def __init__(self, classes, **trunk):
        super().__init__(classes, fc6_dilation=12, **trunk)

    def forward(self, images):
        """(N, 3, H, W) -> cosines (N, C, H, W), resized bilinearly with aligned corners."""
        features = functional.normalize(self.backbone(images), dim=1, eps=1e-12)
        weights = functional.normalize(self.classifier.weight, dim=1, eps=1e-12)
        cosines = functional.conv2d(features, weights)
        return functional.interpolate(cosines, size=images.shape[-2:], mode="bilinear", align_corners=True)
