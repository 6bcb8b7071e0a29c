"""peft's methods, by the one setting `method`: what the adapter is, and what each asks of the training.

LoRA, DoRA and rsLoRA are LoraConfigs and ask for nothing. AdaLoRA begins with half as much rank again, takes the least
useful singular values away as it learns (RankBudget), and keeps the vectors orthogonal by a term of the loss. Prefix
tuning learns keys and values that stand before every prompt; the linear layers stay as they are."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
from peft import (
    AdaLoraConfig,
    LoraConfig,
    PeftConfig,
    PeftType,
    PrefixTuningConfig,
    get_peft_model,
    load_peft_weights,
    set_peft_model_state_dict,
)
from torch import nn

from finetune.settings import ALL_LINEAR, BadSetting, TrainSettings

SPARE_RANK = 1.5  # AdaLoRA's first rank to its last, as peft's 12 to 8 and the paper's
FREE_SHARE = 0.1  # of AdaLoRA's steps before any rank is taken
SETTLED_SHARE = 0.3  # and at the end, when no more is
TASK = "CAUSAL_LM"
CONFIG = "adapter_config.json"


def with_adapter(model: Any, settings: TrainSettings) -> Any:
    """The base with a fresh adapter, or with the one to start from; only its weights learn. Raises BadSetting."""
    if settings.method != "prefix":
        _check_targets(model, settings)
    # in the base's own dtype: a float32 adapter on a bfloat16 base learns at 40 % of the speed, for the casts
    model = get_peft_model(model, adapter_config(settings), autocast_adapter_dtype=False)
    if settings.start:
        _take_over(model, settings.start)
    return model


def adapter_config(settings: TrainSettings) -> PeftConfig:
    """peft's description of the adapter."""
    if settings.method == "prefix":
        return PrefixTuningConfig(task_type=TASK, num_virtual_tokens=settings.virtual_tokens)
    options: dict[str, Any] = {
        "task_type": TASK,
        "lora_alpha": settings.alpha,
        "lora_dropout": settings.dropout,
        "target_modules": ALL_LINEAR if settings.target_modules == ALL_LINEAR else settings.targets,
    }
    if settings.method == "adalora":
        first = math.ceil(settings.rank * SPARE_RANK)
        # the schedule is RankBudget's, when the steps have been counted; peft wants a number now
        return AdaLoraConfig(init_r=first, target_r=settings.rank, total_step=1, **options)
    return LoraConfig(
        r=settings.rank, use_dora=settings.method == "dora", use_rslora=settings.method == "rslora", **options
    )


def prefix_inputs(model: Any, mask: torch.Tensor) -> dict[str, Any]:
    """What the decoder gets beside the token ids: the mask int64 (B, T), and for prefix tuning the learnt keys and
    values, with a mask that sees them too; PeftModel.forward does the same."""
    if not model.active_peft_config.is_prompt_learning:
        return {"attention_mask": mask}
    rows = mask.shape[0]
    learnt = mask.new_ones(rows, model.active_peft_config.num_virtual_tokens)
    return {"attention_mask": torch.cat((learnt, mask), dim=1), "past_key_values": model.get_prompt(rows)}


def regularisation(model: Any) -> torch.Tensor | float:
    """A term of the loss: how far AdaLoRA's vectors are from orthonormal, as in AdaLoraModel.forward, which a loss on
    the completion alone goes round. 0 for the other methods."""
    config = model.active_peft_config
    if config.peft_type != PeftType.ADALORA:
        return 0.0
    distances = []
    for name, weight in model.named_parameters():
        if "lora_A" in name or "lora_B" in name:
            vectors = weight.float() if "lora_A" in name else weight.float().T
            distances.append(torch.dist(vectors @ vectors.T, torch.eye(len(vectors), device=weight.device)))
    return config.orth_reg_weight * torch.stack(distances).mean()


def rank_budget(model: Any, masters: Mapping[str, torch.Tensor], steps: int) -> RankBudget | None:
    """For AdaLoRA alone."""
    if model.active_peft_config.peft_type != PeftType.ADALORA:
        return None
    return RankBudget(model, masters, steps)


class RankBudget:
    """AdaLoRA's loss of rank over the steps of a training, decided by peft's RankAllocator on the float32 masters:
    the model's own weights may be bfloat16, too coarse to rank, and have lost their gradients by then."""

    def __init__(self, model: Any, masters: Mapping[str, torch.Tensor], steps: int) -> None:
        """`masters` by the names of the model's parameters."""
        self.config = model.active_peft_config
        self.config.tinit, self.config.tfinal = int(steps * FREE_SHARE), int(steps * SETTLED_SHARE)
        self.allocator = model.base_model.rankallocator
        self.allocator.set_total_step(steps)
        self.masters = {name.removeprefix("base_model.model."): master for name, master in masters.items()}

    def named_parameters(self) -> Iterable[tuple[str, torch.Tensor]]:
        """The allocator takes this for the model."""
        return self.masters.items()

    def allocate(self, step: int) -> None:
        """After the optimiser's step (from 1), with the gradients still there: set the least useful singular values
        to zero. As AdaLoraModel.update_and_allocate, which would look at the model."""
        last = self.config.total_step - self.config.tfinal
        if last == 1:
            return  # usefulness is a mean over steps, and there has been none
        if step > last:
            self.allocator.mask_using_rank_pattern(self, self.config.rank_pattern)
            return
        _, pattern = self.allocator.update_and_allocate(self, step, force_mask=step == last)
        self.config.rank_pattern = pattern or self.config.rank_pattern
        if step == last:
            self.allocator.reset_ipt()

    def state(self) -> dict[str, Any]:
        """For the checkpoint."""
        scores = {name: getattr(self.allocator, name) for name in ("ipt", "exp_avg_ipt", "exp_avg_unc")}
        return {"scores": scores, "rank_pattern": self.config.rank_pattern}

    def load(self, state: Mapping[str, Any]) -> None:
        for name, scores in state["scores"].items():
            there = {key: score.to(self.masters[key].device) for key, score in scores.items()}
            setattr(self.allocator, name, there)
        self.config.rank_pattern = state["rank_pattern"]


def _take_over(model: Any, start: str) -> None:
    """The weights of the adapter in that folder, which must be of the same shape: peft only warns."""
    if not Path(start, CONFIG).is_file():
        raise BadSetting(f"start: {start} holds no adapter. Give the folder of one, or leave it out.")
    there = PeftConfig.from_pretrained(start)
    for name in ("peft_type", "r", "lora_alpha", "use_dora", "use_rslora", "num_virtual_tokens"):
        asked, has = getattr(model.active_peft_config, name, None), getattr(there, name, None)
        if asked != has:
            raise BadSetting(f"start: {start} has {name} {has}, this training {asked}. Make them the same.")
    weights = load_peft_weights(start, device="cpu")
    try:
        loaded: Any = set_peft_model_state_dict(model, weights)
    except RuntimeError as error:  # of another base
        raise BadSetting(f"start: the weights of {start} do not fit this base: {error}") from error
    learnt = {name for name, _ in model.named_parameters() if "lora_" in name or "prompt_encoder" in name}
    if loaded.unexpected_keys or learnt & set(loaded.missing_keys):
        raise BadSetting(f"start: {start} has other target_modules than this training. Make them the same.")


def _check_targets(model: Any, settings: TrainSettings) -> None:
    """peft only warns of a name that fits no layer, if another does."""
    if settings.target_modules == ALL_LINEAR:
        return
    head = model.get_output_embeddings()
    linear = [name for name, module in model.named_modules() if isinstance(module, nn.Linear) and module is not head]
    unknown = [target for target in settings.targets if not any(f".{name}".endswith(f".{target}") for name in linear)]
    if unknown:
        known = ", ".join(sorted({name.rpartition(".")[2] for name in linear}))
        raise BadSetting(f"target_modules names {', '.join(unknown)}; this base's linear layers are {known}.")
